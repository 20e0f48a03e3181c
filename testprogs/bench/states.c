/* A state machine: a lexer (switch, jump table) feeding a small stack machine
 * (switch in a loop), as interpreters and protocol parsers do. */
#include "bench.h"

const struct bench bench = {"states", 300, 0xd260a7c2417e2964};

enum token { END, NUMBER, NAME, STRING, COMMENT, OPERATOR, ERROR, TOKENS };

#define SOURCE 50000

static char source[SOURCE + 64];

static NOINLINE enum token lex(const char **cursor)
{
    enum { START, IN_NUMBER, IN_NAME, IN_STRING, ESCAPE, SLASH, IN_COMMENT } state = START;
    for (const char *s = *cursor;; s++) {
        char c = *s;
        switch (state) {
        case START:
            switch (c) {
            case 0:
                *cursor = s;
                return END;
            case ' ': case '\n':
                break;
            case '0': case '1': case '2': case '3': case '4':
            case '5': case '6': case '7': case '8': case '9':
                state = IN_NUMBER;
                break;
            case '"':
                state = IN_STRING;
                break;
            case '/':
                state = SLASH;
                break;
            case '+': case '-': case '*': case '(': case ')': case ';': case '=':
                *cursor = s + 1;
                return OPERATOR;
            default:
                if (c < 'a' || c > 'z') {
                    *cursor = s + 1;
                    return ERROR;
                }
                state = IN_NAME;
            }
            break;
        case IN_NUMBER:
            if (c < '0' || c > '9') {
                *cursor = s;
                return NUMBER;
            }
            break;
        case IN_NAME:
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') {
                *cursor = s;
                return NAME;
            }
            break;
        case IN_STRING:
            if (c == '\\')
                state = ESCAPE;
            else if (c == '"' || c == 0) {
                *cursor = s + (c != 0);
                return c ? STRING : ERROR;
            }
            break;
        case ESCAPE:
            state = IN_STRING;
            break;
        case SLASH:
            if (c != '*') {
                *cursor = s;
                return OPERATOR;
            }
            state = IN_COMMENT;
            break;
        case IN_COMMENT:
            if (c == 0 || (c == '*' && s[1] == '/')) {
                *cursor = s + (c ? 2 : 0);
                return c ? COMMENT : ERROR;
            }
            break;
        }
    }
}

enum { PUSH, ADD, SUB, MUL, XOR, DUP, SWAP, ROTATE, JUMP_IF, LOOP, HALT };

static const unsigned char program[] = {
    PUSH, 1, PUSH, 200,                      /* accumulator, counter */
    SWAP, PUSH, 31, MUL, PUSH, 7, ADD,       /* accumulator = accumulator * 31 + 7 */
    DUP, PUSH, 5, ROTATE, XOR, SWAP,         /* accumulator ^= rotate(accumulator, 5) */
    DUP, JUMP_IF, 3, PUSH, 0, ADD,           /* a branch taken on odd counters */
    PUSH, 1, SUB, LOOP, 24, HALT,
};

static NOINLINE uint64_t interpret(const unsigned char *code)
{
    uint64_t stack[16];
    int top = 0;
    for (const unsigned char *p = code;;) {
        uint64_t a, b;
        switch (*p++) {
        case PUSH:
            stack[top++] = *p++;
            break;
        case ADD:
            a = stack[--top];
            stack[top - 1] += a;
            break;
        case SUB:
            a = stack[--top];
            stack[top - 1] -= a;
            break;
        case MUL:
            a = stack[--top];
            stack[top - 1] *= a;
            break;
        case XOR:
            a = stack[--top];
            stack[top - 1] ^= a;
            break;
        case DUP:
            a = stack[top - 1];
            stack[top++] = a;
            break;
        case SWAP:
            a = stack[top - 1];
            b = stack[top - 2];
            stack[top - 1] = b;
            stack[top - 2] = a;
            break;
        case ROTATE:
            a = stack[--top] & 63;
            b = stack[top - 1];
            stack[top - 1] = b << a | b >> ((64 - a) & 63);
            break;
        case JUMP_IF:
            a = stack[--top];
            p += a & 1 ? *p + 1 : 1;
            break;
        case LOOP:
            p = stack[top - 1] ? p + 1 - *p : p + 1;
            break;
        default:
            return stack[top - 2];
        }
    }
}

void bench_setup(void)
{
    static const char *const pieces[] = {
        "alpha_1 ", "= ", "12345 ", "+ ", "(x-", "42) ", "* ", "\"a \\\"quoted\\\" string\" ",
        "/* a comment */ ", "; ", "\n", "y2 ", "/ ", "7 ", "#", "name ",
    };
    uint64_t seed = 11;
    size_t at = 0;
    while (at < SOURCE)
        for (const char *p = pieces[(bench_random(&seed) >> 20) % 16]; *p; p++)
            source[at++] = *p;
    source[at] = 0;
}

uint64_t bench_kernel(void)
{
    uint64_t counts[TOKENS] = {0}, sum = 0;
    const char *cursor = source;
    enum token token;
    while ((token = lex(&cursor)) != END)
        counts[token]++;
    for (int i = 0; i < TOKENS; i++)
        sum = bench_fold(sum, counts[i]);
    for (int i = 0; i < 60; i++)
        sum = bench_fold(sum, interpret(program));
    return sum;
}
