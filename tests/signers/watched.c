/* A PKCS#11 module in front of another, WATCHED_MODULE: it writes what is called to WATCHED_TRACE, and loses the
   session at each signature whose number WATCHED_LOSE names, as a token does that was taken out. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOGIN = 18, FIND = 26, SIGN_INIT = 42, FUNCTIONS = 68 };
enum { SESSION_HANDLE_INVALID = 0xb3 };

struct list { unsigned char version[2]; void *functions[FUNCTIONS]; };
static struct list own, *inner;
static int signatures;

static void trace(const char *what, unsigned long number) {
    FILE *file = fopen(getenv("WATCHED_TRACE"), "a");
    fprintf(file, "%s %lu\n", what, number);
    fclose(file);
}

static unsigned long login(unsigned long session, unsigned long user, void *pin, unsigned long length) {
    trace("login", user);
    return ((unsigned long (*)(unsigned long, unsigned long, void *, unsigned long))inner->functions[LOGIN])(session, user, pin, length);
}

static unsigned long find(unsigned long session, void *template, unsigned long count) {
    trace("find", session);
    return ((unsigned long (*)(unsigned long, void *, unsigned long))inner->functions[FIND])(session, template, count);
}

static unsigned long sign_init(unsigned long session, void *mechanism, unsigned long key) {
    const char *lose = getenv("WATCHED_LOSE");
    char number[16];
    snprintf(number, sizeof number, ",%d,", __atomic_add_fetch(&signatures, 1, __ATOMIC_SEQ_CST));
    trace("sign", session);
    if (lose && strstr(lose, number))
        return SESSION_HANDLE_INVALID;
    return ((unsigned long (*)(unsigned long, void *, unsigned long))inner->functions[SIGN_INIT])(session, mechanism, key);
}

unsigned long C_GetFunctionList(struct list **list) {
    void *module = dlopen(getenv("WATCHED_MODULE"), RTLD_NOW);
    unsigned long (*of_inner)(struct list **) = (unsigned long (*)(struct list **))dlsym(module, "C_GetFunctionList");
    unsigned long done = of_inner(&inner);
    own = *inner;
    own.functions[LOGIN] = login;
    own.functions[FIND] = find;
    own.functions[SIGN_INIT] = sign_init;
    *list = &own;
    return done;
}
