# One-factor models by unweighted least squares, which principal axes converge to. lavaan has no model of the circle
# that the project's own statistics could be held against, so this is all that it is used for.
source("tests/reference/r/common.R")
suppressMessages(library(lavaan))

items <- within_cells(centred_items("pvq40", "values"), cells_of("pvq40"))
key <- key_of("pvq40")
omega_of <- function(value) {
  x <- items[, key$scale == value]
  model <- paste("f =~", paste(colnames(x), collapse = " + "))
  fit <- suppressWarnings(cfa(model, data.frame(scale(x)), std.lv = TRUE, estimator = "ULS"))
  loadings <- inspect(fit, "est")$lambda[, 1]
  errors <- diag(inspect(fit, "est")$theta)
  if (!lavInspect(fit, "converged") || any(errors <= 0)) {
    return(NA)
  }
  s <- apply(x, 2, sd)
  sum(loadings * s)^2 / (sum(loadings * s)^2 + sum(errors * s^2))
}
record("McDonald's omega", signif(sapply(CODES, omega_of), 6), "cfa(\"f =~ items\", scale(items), std.lv = TRUE, estimator = \"ULS\")")
this <- of_package("lavaan")
store("lavaan", this$program, this$version)
