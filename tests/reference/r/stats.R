# What R itself computes: correlations, least squares, eigenvectors, corrections of p values.
source("tests/reference/r/common.R")

values <- scores_of("pvq40", "values")
cells <- cells_of("pvq40")
first <- cells == levels(cells)[1]
named <- function(x, rows) setNames(as.vector(t(x)), as.vector(t(outer(rows, colnames(x), paste, sep = "-"))))
record("scale scores", named(values[first, ], CODES), "rowMeans(items[, own]) - rowMeans(items)")

behavior <- scores_of("bfi2", "behavior")
cells_b <- cells_of("bfi2")
first_b <- cells_b == levels(cells_b)[1]
record(
  "scale scores, acquiescence out", named(behavior[first_b, ], CODES),
  "rowMeans(turned - sign * rowMeans(as put))"
)

model <- model_structure()
dimnames(model) <- list(CODES, CODES)
record("value structure", setNames(pairs_of(model), pair_names(CODES)), "cor(residuals(lm(scores ~ cell)))")

# Along an axis of the circle: the variance of standardised scores seen along it, of all their variance.
theta <- (seq_along(CODES) - 1) * 2 * pi / length(CODES)
seen <- function(u) var(as.vector(scale(within_cells(values, cells)) %*% (u / sqrt(sum(u^2))))) / length(CODES)
record(
  "variance along the axes", c(first = seen(cos(theta - theta[3])), second = seen(sin(theta - theta[3]))),
  "var(scale(scores) %*% u) / 10"
)

# Primes: rows and columns change places in every cell, after each value's mean over the cell's primes is taken out.
lifts <- within_cells(values, cells)
by_prime <- do.call(rbind, lapply(levels(cells), function(c) {
  x <- t(lifts[cells == c, ])
  sweep(x, 2, colMeans(x))
}))
primes <- cor(by_prime)
record("structure of the primes", setNames(pairs_of(primes), pair_names(CODES)), "cor of t(lifts), cell by cell")

both <- paste(table_of("pvq40")$wording, table_of("pvq40")$person) %in% levels(cells_b)
own <- within_cells(values[both, ], droplevels(cells[both]))
other <- within_cells(behavior, cells_b)
related <- cor(other, own)
record("relations with behaviour", named(related, colnames(behavior)), "cor(residuals(lm(b ~ cell)), residuals(lm(v ~ cell)))")

a <- pairs_of(model)
b <- pairs_of(human("pvq40_us_2017"))
record("Pearson r", c(model = cor(a, b)), "cor(a, b)")
record("Spearman rho", c(model = cor(a, b, method = "spearman")), "cor(a, b, method = \"spearman\")")
record("RMSE", c(model = sqrt(mean((a - b)^2))), "sqrt(mean((a - b)^2))")
record("RMSE of Fisher's z", c(model = sqrt(mean((atanh(a) - atanh(b))^2))), "sqrt(mean((atanh(a) - atanh(b))^2))")
record("slope", c(model = unname(coef(lm(a ~ b))[2])), "coef(lm(a ~ b))[2]")
record("sign agreement", c(model = mean(sign(a) == sign(b))), "mean(sign(a) == sign(b))")

controls <- as.matrix(table_of("controls"))
left <- function(y, x) residuals(lm(y ~ x))
partial <- sapply(colnames(controls), function(c) cor(left(a, controls[, c]), left(b, controls[, c])))
record(
  "partial r", c(partial, all = cor(left(a, controls), left(b, controls))),
  "cor(residuals(lm(a ~ controls)), residuals(lm(b ~ controls)))"
)
record("mean by Fisher's z", c(samples = tanh(mean(atanh(sapply(SAMPLES, function(s) cor(a, pairs_of(human(s)))))))), "tanh(mean(atanh(r)))")

p <- table_of("p_values")$p
number <- seq_along(p)
record("Holm", setNames(p.adjust(p, "holm"), number), "p.adjust(p, \"holm\")")
record("false discovery rate", setNames(p.adjust(p, "BH"), number), "p.adjust(p, \"BH\")")
record("binomial p", c("9 of 10" = binom.test(9, 10, 0.1, alternative = "greater")$p.value), "binom.test(9, 10, 0.1, \"greater\")")

# Classical scaling: distances between the points, since axes may be turned.
record(
  "classical scaling", setNames(as.vector(dist(cmdscale(distances_of(model)))), pair_names(CODES)),
  "dist(cmdscale(d))"
)

# Metric Stress-1 with the best scale, minimised from the classical solution and eight random starts.
stress1 <- function(delta) function(x) {
  d <- as.vector(dist(matrix(x, ncol = 2)))
  sqrt(1 - sum(delta * d)^2 / (sum(delta^2) * sum(d^2)))
}
least <- function(r) {
  d <- distances_of(r)
  starts <- c(list(cmdscale(d)), lapply(1:8, function(i) matrix(rnorm(2 * nrow(r)), ncol = 2)))
  of <- stress1(as.vector(d))
  min(sapply(starts, function(s) optim(as.vector(s), of, method = "BFGS", control = list(maxit = 2000, reltol = 1e-14))$value))
}
set.seed(1)
record(
  "metric Stress-1", signif(sapply(c(list(model = model), sapply(SAMPLES, human, simplify = FALSE)), least), 6),
  "optim(start, stress1, method = \"BFGS\"), 9 starts"
)

# Structural summary: a sinusoid by least squares.
survey <- read.csv("data/raw/human/behavior/gss2012_us.csv")
summarised <- t(apply(as.matrix(survey[, CODES]), 1, function(y) {
  fit <- lm(y ~ cos(theta) + sin(theta))
  x <- unname(coef(fit))
  c(
    elevation = x[1], amplitude = sqrt(x[2]^2 + x[3]^2),
    peak = (atan2(x[3], x[2]) * 180 / pi) %% 360, fit = summary(fit)$r.squared
  )
}))
record("structural summary", named(summarised, survey$variable), "lm(r ~ cos(theta) + sin(theta))")

# Spread and distribution: normal distributions with the samples' moments, on the response range of five.
one <- means_of("ess11_europe")
two <- means_of("pvq40_us_2017")
record("variance ratio", c("ess11_europe" = exp(mean(log(one$cent_sd^2 / two$cent_sd^2)))), "exp(mean(log(s1^2 / s2^2)))")
apart <- sapply(CODES, function(v) {
  gap <- function(x) {
    abs(pnorm(x, one[v, "cent_mean"] / 5, one[v, "cent_sd"] / 5) - pnorm(x, two[v, "cent_mean"] / 5, two[v, "cent_sd"] / 5))
  }
  integrate(gap, -1.5, 1.5, rel.tol = 1e-10, subdivisions = 2000)$value
})
record("Wasserstein distance", c("ess11_europe" = mean(apart)), "integrate(|F - G|)")

# Profile reliability over the ten primes, error within the way items are keyed: residual mean squares of aov.
profile_reliability <- function(name, scale) {
  key <- key_of(name)
  own <- key$scale == scale
  x <- turned(name)[, own]
  primes <- apply(array(t(x), c(ncol(x), 10, nrow(x) / 10)), c(2, 1), mean)
  error <- sum(sapply(split(seq_len(ncol(x)), key$reversed[own]), function(i) {
    long <- data.frame(y = as.vector(primes[, i]), prime = factor(rep(1:10, length(i))), item = factor(rep(i, each = 10)))
    mean_square <- anova(lm(y ~ prime + item, long))["Residuals", "Mean Sq"]
    length(i) * mean_square
  })) / ncol(x)^2
  1 - error / var(rowMeans(primes))
}
scales <- unique(key_of("bfi2")$scale)
record(
  "profile reliability", sapply(scales, function(s) profile_reliability("bfi2", s)),
  "1 - sum(k MS_residual) / k^2 / var, MS by anova(lm(y ~ prime + item)) for each key"
)
store("stats", "R", as.character(getRversion()))
