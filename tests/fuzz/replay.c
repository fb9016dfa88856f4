/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/*
 * The main() of a fuzz target where there is no fuzzer: feeds every file
 * named on the command line, and every file below the folders named there,
 * to LLVMFuzzerTestOneInput().  So `make check` replays each corpus with
 * any compiler, and a crash found elsewhere is reproduced by its file.
 *
 * Each input stands in a heap block of exactly its size, for ASan to see a
 * byte read beyond it.  Fed nothing is a failure: a test that finds its
 * corpus gone must not pass.
 *
 * Built with PDP_FUZZ_ENGINE there is nothing here: the fuzzer has a main()
 * of its own.
 *
 * Names that begin with a dot are left out.  Exit status: 0 all fed,
 * 1 no input or one that cannot be read; a fault in the target ends the
 * process.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef PDP_FUZZ_ENGINE

enum { INPUT_MAX = 1 << 24, PATH_CAP = 4096, LEVEL_MAX = 16 };

static bool
complain(const char *path, const char *what)
{
    (void)fprintf(stderr, "replay: %s: %s\n", path, what);
    return false;
}

static bool
feed_file(const char *path, size_t size, size_t *fed_cnt)
{
    if (size > INPUT_MAX) {
        return complain(path, "larger than 16 MiB");
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return complain(path, "cannot be opened");
    }
    uint8_t *data = malloc(size == 0 ? 1 : size);
    bool good = data != NULL && fread(data, 1, size, file) == size;
    (void)fclose(file);
    if (good) {
        (void)LLVMFuzzerTestOneInput(data, size);
        (*fed_cnt)++;
    }
    free(data);
    return good || complain(path, "cannot be read");
}

static bool feed(const char *path, int level, size_t *fed_cnt);

static bool
feed_folder(const char *path, int level, size_t *fed_cnt)
{
    struct dirent **entries = NULL;
    int cnt = scandir(path, &entries, NULL, alphasort);
    if (cnt < 0 || level == LEVEL_MAX) {
        return complain(path, "cannot be listed");
    }
    bool good = true;
    for (int i = 0; i < cnt; i++) {
        char below[PATH_CAP];
        const char *name = entries[i]->d_name;
        int len = snprintf(below, sizeof(below), "%s/%s", path, name);
        if (len < 0 || len >= PATH_CAP) {
            good = complain(path, "path too long");
        } else if (name[0] != '.' && !feed(below, level + 1, fed_cnt)) {
            good = false;
        }
        free(entries[i]);
    }
    free(entries);
    return good;
}

static bool
feed(const char *path, int level, size_t *fed_cnt)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return complain(path, "does not exist");
    }
    if (S_ISDIR(status.st_mode)) {
        return feed_folder(path, level, fed_cnt);
    }
    return feed_file(path, (size_t)status.st_size, fed_cnt);
}

int
main(int argc, char **argv)
{
    size_t fed_cnt = 0;
    bool good = true;
    for (int i = 1; i < argc; i++) {
        good = feed(argv[i], 0, &fed_cnt) && good;
    }
    (void)printf("replay: %zu inputs\n", fed_cnt);
    if (fed_cnt == 0) {
        good = complain(argv[0], "no input");
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
