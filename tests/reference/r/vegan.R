# Mantel tests and Procrustes in vegan. Errors are Monte Carlo standard errors of the p values.
source("tests/reference/r/common.R")
suppressMessages(library(vegan))
set.seed(3)

square <- function(x) {
  m <- matrix(0, 10, 10)
  m[lower.tri(m)] <- x
  t(m) + m
}
as_dist <- function(x) as.dist(square(x))
a <- pairs_of(model_structure())
error <- function(p) sqrt(p * (1 - p) / DRAWS)

tests <- sapply(SAMPLES, function(s) {
  found <- mantel(as_dist(a), as_dist(pairs_of(human(s))), permutations = DRAWS)
  c(r = found$statistic, p = found$signif)
})
record("Mantel r", setNames(tests["r", ], SAMPLES), "mantel(a, b)$statistic")
record("Mantel p", setNames(tests["p", ], SAMPLES), "mantel(a, b, permutations = 9999)$signif", error(setNames(tests["p", ], SAMPLES)))

controls <- table_of("controls")
b <- pairs_of(human("pvq40_us_2017"))
partial <- sapply(names(controls), function(c) {
  found <- mantel.partial(as_dist(a), as_dist(b), as_dist(controls[[c]]), permutations = DRAWS)
  c(r = found$statistic, p = found$signif)
})
record("partial Mantel r", setNames(partial["r", ], names(controls)), "mantel.partial(a, b, control)$statistic")
record(
  "partial Mantel p", setNames(partial["p", ], names(controls)),
  "mantel.partial(a, b, control, permutations = 9999)$signif, which relabels a before the control is taken out",
  error(setNames(partial["p", ], names(controls)))
)

x <- cmdscale(distances_of(model_structure()))
fits <- sapply(MAPPED, function(s) {
  found <- protest(cmdscale(distances_of(human(s))), x, permutations = DRAWS)
  c(m2 = found$ss, p = found$signif)
})
record("Procrustes m2", setNames(fits["m2", ], MAPPED), "procrustes(y, x, symmetric = TRUE)$ss")
record("PROTEST p", setNames(fits["p", ], MAPPED), "protest(y, x, permutations = 9999)$signif", error(setNames(fits["p", ], MAPPED)))
this <- of_package("vegan")
store("vegan", this$program, this$version)
