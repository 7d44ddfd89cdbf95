# Reliability, congruence and Fisher's mean in psych (Revelle).
source("tests/reference/r/common.R")
suppressMessages(library(psych))

items <- within_cells(centred_items("pvq40", "values"), cells_of("pvq40"))
key <- key_of("pvq40")
of_scale <- function(f) sapply(CODES, function(s) f(items[, key$scale == s]))
quiet <- function(x) {
  capture.output(found <- suppressWarnings(suppressMessages(x)))
  found
}
record(
  "Cronbach's alpha", of_scale(function(x) quiet(alpha(x, check.keys = FALSE))$total$raw_alpha),
  "alpha(items)$total$raw_alpha"
)

# Omega of the plain sum from one principal-axis factor; none where a uniqueness is 0 or less.
omega_of <- function(x) {
  fit <- quiet(fa(x, nfactors = 1, fm = "pa", SMC = FALSE, max.iter = 20000, min.err = 1e-13))
  if (any(fit$uniquenesses <= 0)) {
    return(NA)
  }
  s <- apply(x, 2, sd)
  common <- sum(fit$loadings[, 1] * s)^2
  common / (common + sum(fit$uniquenesses * s^2))
}
record("McDonald's omega", of_scale(omega_of), "fa(items, 1, fm = \"pa\"), loadings times SDs")

# Over the ten primes, all items keyed alike: alpha of the means over cells.
primes <- apply(array(t(turned("pvq40")), c(nrow(key), 10, 16)), c(2, 1), mean)
record(
  "profile reliability, one key",
  sapply(CODES, function(s) quiet(alpha(primes[, key$scale == s], check.keys = FALSE))$total$raw_alpha),
  "alpha(means over cells)$total$raw_alpha"
)

d <- as.matrix(dist(cmdscale(distances_of(model_structure()))))
e <- sapply(MAPPED, function(s) pairs_of(as.matrix(dist(cmdscale(distances_of(human(s)))))))
record("congruence of distances", setNames(apply(e, 2, function(x) {
  # To more than the two decimals that it rounds to by default.
  as.numeric(factor.congruence(matrix(pairs_of(d)), matrix(x), digits = 9))
}), MAPPED), "factor.congruence(dist(x), dist(y), digits = 9)")

a <- pairs_of(model_structure())
r <- sapply(SAMPLES, function(s) cor(a, pairs_of(human(s))))
record("mean by Fisher's z", c(samples = fisherz2r(mean(fisherz(r)))), "fisherz2r(mean(fisherz(r)))")
this <- of_package("psych")
store("psych", this$program, this$version)
