# Shared by the scripts: what they read, and the one form in which results are stored (see docs/methods.md).
# Run from the repository root by `make reference`.

INPUTS <- "tests/reference/inputs"
STORED <- "tests/reference/stored"
CODES <- c("PO", "AC", "HE", "ST", "SD", "UN", "BE", "TR", "CO", "SE")
SAMPLES <- c("pvq40_us_2017", "gss2012_us", "ess11_europe", "ess9_de", "ess9_be", "svs_uk", "wvs6")
MAPPED <- c("pvq40_us_2017", "ess11_europe", "wvs6")
DRAWS <- 9999

table_of <- function(name) read.csv(file.path(INPUTS, paste0(name, ".csv")), check.names = FALSE)
key_of <- function(name) read.csv(file.path("data/raw/instruments", paste0(name, ".csv")))[, c("id", "scale", "reversed")]
human <- function(name) {
  m <- read.csv(file.path("data/raw/human/structure", paste0(name, ".csv")), row.names = 1, check.names = FALSE)
  as.matrix(m)[CODES, CODES]
}
means_of <- function(name) {
  read.csv(file.path("data/raw/human/means", paste0(name, ".csv")), row.names = 1)[CODES, ]
}

# Pairs above the diagonal, row by row, as the project has them: the transpose's lower triangle column by column.
pairs_of <- function(m) t(m)[lower.tri(m)]
pair_names <- function(names) pairs_of(outer(names, names, paste, sep = "-"))

# Items as put, reverse-keyed ones turned, and each respondent's level taken out (as put, for behaviour).
turned <- function(name) {
  table <- table_of(name)
  key <- key_of(name)
  sweep(as.matrix(table[, key$id]), 2, ifelse(key$reversed == "yes", -1, 1), "*")
}
level_of <- function(name, kind) {
  raw <- as.matrix(table_of(name)[, key_of(name)$id])
  rowMeans(raw)
}
centred_items <- function(name, kind) {
  key <- key_of(name)
  raw <- as.matrix(table_of(name)[, key$id])
  sweep(raw - rowMeans(raw), 2, if (kind == "behavior") ifelse(key$reversed == "yes", -1, 1) else 1, "*")
}
scores_of <- function(name, kind) {
  key <- key_of(name)
  x <- centred_items(name, kind)
  scales <- if (kind == "values") CODES else unique(key$scale)
  sapply(scales, function(s) rowMeans(x[, key$scale == s, drop = FALSE]))
}
cells_of <- function(name) {
  table <- table_of(name)
  factor(paste(table$wording, table$person), levels = unique(paste(table$wording, table$person)))
}
within_cells <- function(x, cells) residuals(lm(x ~ cells))

model_structure <- function() cor(within_cells(scores_of("pvq40", "values"), cells_of("pvq40")))
distances_of <- function(r) as.dist(sqrt(2 * (1 - r)))

# ── Storing ────────────────────────────────────────────────────────────────────────────────────────────────────────
.found <- list()
# values: a named vector; error: its Monte Carlo standard errors, where there are any.
record <- function(statistic, values, call, error = NULL) {
  .found[[statistic]] <<- list(values = values, call = call, error = error)
}
.number <- function(x) ifelse(is.na(x), "null", sub("^(-?)\\.", "\\10.", formatC(x, digits = 9, format = "g", width = 1)))
.values <- function(x) {
  paste0("{", paste(sprintf("\"%s\": %s", names(x), .number(x)), collapse = ", "), "}")
}
.quoted <- function(x) gsub("\"", "\\\\\"", x)
store <- function(file, program, version) {
  parts <- sapply(names(.found), function(name) {
    one <- .found[[name]]
    lines <- c(sprintf("      \"call\": \"%s\"", .quoted(one$call)))
    if (!is.null(one$error)) lines <- c(lines, sprintf("      \"error\": %s", .values(one$error)))
    lines <- c(lines, sprintf("      \"values\": %s", .values(one$values)))
    sprintf("    \"%s\": {\n%s\n    }", name, paste(lines, collapse = ",\n"))
  })
  text <- sprintf(
    "{\n  \"program\": \"%s\",\n  \"version\": \"%s\",\n  \"statistics\": {\n%s\n  }\n}\n",
    program, version, paste(parts, collapse = ",\n")
  )
  cat(text, file = file.path(STORED, paste0(file, ".json")))
}
# Names the package and R itself.
of_package <- function(package) {
  list(program = paste("R", package), version = sprintf("%s (R %s)", packageVersion(package), getRversion()))
}
