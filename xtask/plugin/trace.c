/* A plugin for QEMU's TCG (plugin API 1, as of QEMU 7.2): what a Cortex-M image executes between two marker functions.
 *
 *   -plugin trace.so,begin=ADDRESS,end=ADDRESS,out=FILE[,keep=NUMBER]...
 *
 * Each stretch from the marker `begin` to the marker `end` is one trace. For each, one line goes to FILE:
 *
 *   instructions, hash of the program counters, accesses, hash of their addresses, divisions
 *
 * With `keep`, the traces of these numbers (from 0) are also written out in full, to FILE.NUMBER: a 64-bit
 * little-endian word for each program counter, and after it one for each access to memory that the instruction made.
 *
 * The API's header is not in Debian's package, so what is used of it is declared here. */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_info; /* not looked into */
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { NO_REGISTERS = 0, READ_AND_WRITE = 3 };

typedef void vcpu_tb_trans_cb(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void vcpu_udata_cb(unsigned vcpu, void *data);
typedef void vcpu_mem_cb(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *data);
typedef void udata_cb(qemu_plugin_id_t id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, vcpu_tb_trans_cb *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, vcpu_udata_cb *, int registers, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, vcpu_mem_cb *, int registers, int direction, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, udata_cb *, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int qemu_plugin_version = 1;

/* An instruction, for as long as the emulator runs. */
struct instruction {
    uint32_t pc;
    bool is_division;
};

static uint32_t begin_pc, end_pc;
static const char *out_name;
static FILE *out;
static bool keep[1 << 16];

/* The trace that is being taken. */
static bool tracing;
static unsigned number;
static uint64_t instructions, accesses, divisions, pc_hash, address_hash;
static FILE *kept;

static void fail(const char *what)
{
    fprintf(stderr, "trace.so: %s\n", what);
    exit(EXIT_FAILURE);
}

/* One step of a hash of 64 bits: not against an adversary, only against chance. */
static void mix(uint64_t *hash, uint64_t word)
{
    *hash = (*hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    *hash ^= *hash >> 32;
}

static void write_word(uint64_t word)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = word >> (8 * i);
    if (fwrite(bytes, sizeof bytes, 1, kept) != 1)
        fail("cannot write a trace");
}

static void begin(void)
{
    if (tracing)
        fail("a trace begins inside another");
    tracing = true;
    instructions = accesses = divisions = 0;
    pc_hash = address_hash = 1;
    if (number < sizeof keep && keep[number]) {
        char name[4096];
        if (snprintf(name, sizeof name, "%s.%u", out_name, number) >= (int)sizeof name)
            fail("the name of a trace is too long");
        kept = fopen(name, "wb");
        if (!kept)
            fail("cannot open a trace");
    }
}

static void end(void)
{
    if (!tracing)
        fail("a trace ends that has not begun");
    tracing = false;
    number++;
    fprintf(out, "%" PRIu64 " %016" PRIx64 " %" PRIu64 " %016" PRIx64 " %" PRIu64 "\n", instructions, pc_hash, accesses,
            address_hash, divisions);
    if (kept && fclose(kept))
        fail("cannot write a trace");
    kept = NULL;
}

/* Before an instruction is executed. */
static void on_instruction(unsigned vcpu, void *data)
{
    (void)vcpu;
    const struct instruction *instruction = data;
    if (instruction->pc == begin_pc)
        return begin();
    if (instruction->pc == end_pc)
        return end();
    if (!tracing)
        return;
    instructions++;
    divisions += instruction->is_division;
    mix(&pc_hash, instruction->pc);
    if (kept)
        write_word(instruction->pc);
}

/* After an access to memory. The word: bit 63 tells that it is one; then whether it is a store, its size, its address. */
static void on_access(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
    (void)vcpu;
    (void)data;
    if (!tracing)
        return;
    uint64_t word = UINT64_C(1) << 63 | (uint64_t)qemu_plugin_mem_is_store(info) << 40
                    | (uint64_t)qemu_plugin_mem_size_shift(info) << 32 | (address & UINT32_MAX);
    accesses++;
    mix(&address_hash, word);
    if (kept)
        write_word(word);
}

/* UDIV and SDIV, which take a time that depends on the operands (Armv7-M, encoding T1). */
static bool is_division(const struct qemu_plugin_insn *instruction)
{
    if (qemu_plugin_insn_size(instruction) != 4)
        return false;
    const unsigned char *bytes = qemu_plugin_insn_data(instruction);
    unsigned high = bytes[0] | bytes[1] << 8, low = bytes[2] | bytes[3] << 8;
    return (high & 0xffd0) == 0xfb90 && (low & 0x00f0) == 0x00f0;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *translated = qemu_plugin_tb_get_insn(tb, i);
        /* Never freed: the translated code refers to it. */
        struct instruction *instruction = malloc(sizeof *instruction);
        if (!instruction)
            fail("no memory");
        instruction->pc = qemu_plugin_insn_vaddr(translated);
        instruction->is_division = is_division(translated);
        qemu_plugin_register_vcpu_insn_exec_cb(translated, on_instruction, NO_REGISTERS, instruction);
        qemu_plugin_register_vcpu_mem_cb(translated, on_access, NO_REGISTERS, READ_AND_WRITE, NULL);
    }
}

static void on_exit(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    if (fclose(out))
        fprintf(stderr, "trace.so: cannot write %s\n", out_name);
}

/* Whether `argument` is NAME=VALUE; then `*value` is the value. */
static bool option(const char *argument, const char *name, const char **value)
{
    size_t length = strlen(name);
    if (strncmp(argument, name, length) || argument[length] != '=')
        return false;
    *value = argument + length + 1;
    return true;
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        const char *value;
        if (option(argv[i], "begin", &value))
            begin_pc = strtoul(value, NULL, 0);
        else if (option(argv[i], "end", &value))
            end_pc = strtoul(value, NULL, 0);
        else if (option(argv[i], "out", &value))
            out_name = strdup(value);
        else if (option(argv[i], "keep", &value) && strtoul(value, NULL, 0) < sizeof keep)
            keep[strtoul(value, NULL, 0)] = true;
        else
            return -1;
    }
    if (!begin_pc || !end_pc || !out_name || !(out = fopen(out_name, "w")))
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_exit, NULL);
    return 0;
}
