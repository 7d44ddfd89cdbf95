# The bootstrap. boot draws all n of a stratum, which has (n - 1) / n of the variance; survey's "subbootstrap" draws n - 1.
source("tests/reference/r/common.R")
suppressMessages({
  library(boot)
  library(survey)
})
set.seed(5)

key <- key_of("bfi2")
x <- turned("bfi2")
prime <- table_of("bfi2")$condition
raised <- function(scale) {
  own <- key$scale == scale
  data.frame(y = colMeans(x[prime == "AC", own]) - colMeans(x[, own]), stratum = factor(key$reversed[own]))
}
scales <- unique(key$scale)
items <- sapply(scales, raised, simplify = FALSE)

draws <- 20000
plain <- sapply(items, function(d) {
  sd(boot(d$y, function(y, i) mean(y[i]), R = draws, strata = d$stratum)$t)
})
record(
  "bootstrap SD", plain * sqrt(6 / 5), "sd(boot(y, mean, strata = key)$t) * sqrt(n / (n - 1)), n = 6",
  plain * sqrt(6 / 5) / sqrt(2 * draws)
)
this <- of_package("boot")
replicates <- norm.ci(t0 = atanh(0.749), var.t0 = 0.01, conf = 0.95, index = 1)
record("interval", c(low = tanh(replicates[2]), high = tanh(replicates[3])), "tanh(norm.ci(t0 = atanh(r), var.t0 = 0.01))")
store("boot", this$program, this$version)

.found <- list()
exact <- drawn <- c()
for (scale in scales) {
  design <- svydesign(ids = ~1, strata = ~stratum, weights = ~1, data = cbind(items[[scale]], weight = 1))
  exact[scale] <- SE(svymean(~y, design))
  drawn[scale] <- SE(svymean(~y, as.svrepdesign(design, type = "subbootstrap", replicates = 4000)))
}
record("standard error of a mean over items", exact, "SE(svymean(~y, svydesign(~1, strata = ~key)))")
record(
  "bootstrap SD", drawn, "SE(svymean(~y, as.svrepdesign(design, type = \"subbootstrap\", replicates = 4000)))",
  drawn / sqrt(2 * 4000)
)
this <- of_package("survey")
store("survey", this$program, this$version)
