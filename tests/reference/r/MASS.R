# Ordinal maps by Kruskal's own method, from the circle, the classical solution and random starts.
source("tests/reference/r/common.R")
library(MASS)
set.seed(4)

least <- function(name) {
  d <- distances_of(human(name))
  theta <- (0:9) * 2 * pi / 10
  starts <- c(list(cbind(cos(theta), sin(theta)), cmdscale(d)), lapply(1:40, function(i) matrix(rnorm(20), ncol = 2)))
  min(sapply(starts, function(s) isoMDS(d, y = s, trace = FALSE, maxit = 2000, tol = 1e-10)$stress)) / 100
}
record("ordinal Stress-1", signif(sapply(SAMPLES, least), 6), "isoMDS(d, start)$stress / 100, the least of 42 starts")
this <- of_package("MASS")
store("MASS", this$program, this$version)
