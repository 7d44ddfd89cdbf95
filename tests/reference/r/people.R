# The human sample of the main comparison, from its 151 raw answers (R package smacof, data PVQ40). These are not part
# of the project: with INDUCED_VALUES_TEXTS naming a folder that has smacof/pvq40.csv they are read again, without it
# what is stored stays.
source("tests/reference/r/common.R")

path <- file.path(Sys.getenv("INDUCED_VALUES_TEXTS", "none"), "smacof", "pvq40.csv")
if (file.exists(path)) {
  raw <- read.csv(path)
  raw <- as.matrix(raw[, -(1:3)])
  raw[raw == 0] <- NA
  answers <- 7 - raw
  scale <- toupper(substr(colnames(answers), 1, 2))
  score <- function(x) sapply(CODES, function(s) rowMeans(x[, scale == s], na.rm = TRUE))
  centred <- score(answers) - rowMeans(answers, na.rm = TRUE)
  record("human structure", setNames(pairs_of(cor(centred)), pair_names(CODES)), "cor(rowMeans(own) - rowMeans(all))")
  record(
    "human means and SDs",
    c(setNames(colMeans(centred), paste(CODES, "mean")), setNames(apply(centred, 2, sd), paste(CODES, "SD"))),
    "colMeans, apply(sd)"
  )
  store("people", "R", as.character(getRversion()))
} else {
  cat("people.R: without smacof/pvq40.csv in INDUCED_VALUES_TEXTS the stored results stay.\n")
}
