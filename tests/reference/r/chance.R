# What chance gives, simulated in R: random answers, and exchanged conditions. Errors are Monte Carlo standard errors.
source("tests/reference/r/common.R")
set.seed(2)

key <- key_of("pvq40")
own <- sapply(CODES, function(s) (key$scale == s) / sum(key$scale == s))
target <- pairs_of(human("pvq40_us_2017"))
cells <- gl(16, 10)
one <- function(structure = FALSE) {
  x <- matrix(rnorm(160 * nrow(key)), 160)
  scores <- (x - rowMeans(x)) %*% own
  within <- scores - rowsum(scores, cells)[as.integer(cells), ] / 10
  pairs_of(cor(within))
}
draws <- replicate(20000, one())
r <- as.vector(cor(draws, target))
batches <- split(r, gl(20, length(r) / 20))
spread <- function(f) sd(sapply(batches, f)) / sqrt(length(batches))
record(
  "random answers, alignment",
  c(mean = mean(r), sd = sd(r), "q2.5" = unname(quantile(r, 0.025)), "q97.5" = unname(quantile(r, 0.975))),
  "20,000 times cor(pairs(cor(scores of rnorm answers)), people)",
  c(
    mean = sd(r) / sqrt(length(r)), sd = spread(sd),
    "q2.5" = spread(function(x) quantile(x, 0.025)), "q97.5" = spread(function(x) quantile(x, 0.975))
  )
)
record(
  "random answers, structure", setNames(rowMeans(draws), pair_names(CODES)),
  "mean of 20,000 cor(scores of rnorm answers), whose bias for 144 degrees of freedom is below .001",
  setNames(apply(draws, 1, sd) / sqrt(ncol(draws)) + 5e-4, pair_names(CODES))
)

# The primes' places among the behaviours are exchanged, in all cells alike.
values <- scores_of("pvq40", "values")
behavior <- scores_of("bfi2", "behavior")
both <- paste(table_of("pvq40")$wording, table_of("pvq40")$person) %in% levels(cells_of("bfi2"))
v <- within_cells(values[both, ], droplevels(cells_of("pvq40")[both]))
b <- within_cells(behavior, cells_of("bfi2"))
n <- nrow(b) / 10
strength <- function(order) mean(cor(b[rep((seq_len(n) - 1) * 10, each = 10) + rep(order, n), ], v)^2)
observed <- strength(1:10)
drawn <- replicate(DRAWS, strength(sample(10)))
p <- (sum(drawn >= observed - 1e-12) + 1) / (DRAWS + 1)
record(
  "exchanged conditions, p", c("mean r^2" = p), "9,999 times cor(behaviours of primes in another order, values)",
  c("mean r^2" = sqrt(p * (1 - p) / DRAWS))
)
store("chance", "R", as.character(getRversion()))
