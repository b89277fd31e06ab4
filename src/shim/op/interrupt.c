/* SPDX-License-Identifier: MIT */
/*
 * Delivers signals to the program's handlers. The wrapper retracts or ends the thread's operation,
 * runs the handler, and then puts back the state in which the interrupted code can continue.
 */
#include <ucontext.h>
#include "shim/op/cancellation.h"
#include "shim/ring/child-marks.h"
#include "shim/op/semantics.h"
#include "shim/queue/queue.h"
#include "shim/op/interrupt.h"
#include "shim/base/sys.h"
#include "shim/iowq/ops.h"

typedef void action_handler(int sig, siginfo_t *info, void *context);

static _Atomic(handler_fn) handlers[_NSIG];

/* One bit for each signal; set if its handler has SA_RESTART. */
static _Atomic uint64_t restarting;

/* sigaction(2) stores both types of handler in the same place. */
static handler_fn plain_handler(action_handler *handler)
{
	return (handler_fn)(void (*)(void))handler;
}

handler_fn interrupt_handler(int sig)
{
	return atomic_load(&handlers[sig]);
}

bool interrupt_restarts(int sig)
{
	return atomic_load(&restarting) >> (sig - 1) & 1;
}

void interrupt_set_restarts(int sig, bool restarts)
{
	uint64_t bit = 1ull << (sig - 1);

	if (restarts)
		atomic_fetch_or(&restarting, bit);
	else
		atomic_fetch_and(&restarting, ~bit);
}

void interrupt_set_handler(int sig, handler_fn handler, bool restarts)
{
	interrupt_set_restarts(sig, restarts);
	atomic_store(&handlers[sig], handler);
}

/* The state of the interrupted code, kept while the handler runs. */
struct interruption {
	struct operation *op;
	enum phase phase;
	bool retracted;	     /* its entries were published and not taken: to be published again */
	bool refill;	     /* its entries are to be written again: retracted, or half written */
	bool ended;	     /* the operation was in flight, and is over */
	bool had_child_mark; /* its process was marked as waiting on a ring (child-marks.h) */
	bool recheck_armed;  /* the recheck timer would have ended its wait */
	int position;	     /* the position lock it wanted or held, or POSITION_NONE */
	bool held_position;  /* it held that lock */
};

static void retract_or_end(struct thread *thread, struct interruption *aside)
{
	*aside = (struct interruption){
		.op = thread->op,
		.phase = thread->phase,
		.had_child_mark = thread->has_child_mark,
		.recheck_armed = thread->recheck_armed,
		.position = thread->position,
	};
	if (aside->op && queue_is_polled(thread)) {
		aside->ended = queue_may_be_taken(thread);
		aside->refill = !aside->ended && aside->phase != PHASE_IDLE;
	} else if (aside->op) {
		aside->retracted = sq_retract(thread, aside->op);
		aside->refill = aside->retracted || aside->phase == PHASE_FILLING ||
			aside->phase == PHASE_PUBLISHING;
		aside->ended = aside->phase == PHASE_SUBMITTED && !aside->retracted;
	}
	if (aside->ended)
		op_end_in_flight(thread, aside->op);
	child_mark_end_wait(&thread->has_child_mark);
	thread->phase = PHASE_IDLE;
	thread->op = NULL;
	if (aside->ended)
		iowq_drop_files_for_threads(thread, aside->op);
	if (aside->position == POSITION_NONE)
		return;
	aside->held_position = position_lock_is_held((unsigned)aside->position, thread->id);
	if (aside->held_position)
		position_lock_release((unsigned)aside->position, thread->id);
	thread->position = POSITION_NONE;
}

/* Returns true if the handler has forked and this is the child: the ring is the parent's. */
static bool is_in_forked_child(const struct thread *thread)
{
	return unlikely(thread->epoch != epoch_current()) && !thread_owns_ring(thread);
}

/*
 * The interrupted code can have chosen its slot from the old tail, and will still write to it. Calls
 * of the handler have published entries in the same slots since. So this waits until the polling
 * thread has taken those; otherwise they would be overwritten.
 */
static void wait_until_taken(struct thread *thread)
{
	while (queue_is_polled(thread) && sq_count_pending(thread)) {
		queue_wake_poller(thread);
		sys0(SYS_sched_yield);
	}
}

/*
 * Writes the entries again at the present tail. If the operation then waits, the recheck timer
 * must end that wait as before.
 */
static void fill_again(struct thread *thread, const struct interruption *aside)
{
	if (aside->recheck_armed && !thread->recheck_armed)
		recheck_timer_arm(thread);
	wait_until_taken(thread);
	if (op_has_position(aside->op))
		sq_fill(thread, aside->op);
}

static void resume_operation(struct thread *thread, const struct interruption *aside)
{
	thread->position = aside->position;
	if (aside->held_position)
		position_lock_acquire((unsigned)aside->position, thread_id(thread));
	if (!aside->op)
		return;
	if (aside->had_child_mark)
		child_mark_begin_wait(&thread->has_child_mark);
	if (is_in_forked_child(thread))
		op_abandon_in_child(thread, aside->op);
	else if (process.block == REASON_SANDBOX)
		op_abandon(aside->op);
	else if (aside->ended)
		op_wake_wait(thread);
	else if (thread->epoch == EPOCH_NONE)
		op_abandon(aside->op);
	else if (aside->refill)
		fill_again(thread, aside);
	thread->sq_base = sq_load_tail(thread);
	if (aside->retracted && !aside->op->status.done)
		sq_publish(thread, op_entry_count(aside->op));
	thread->phase = aside->phase;
	signal_fence();
	thread->op = aside->op;
}

/* The most stack, in bytes, that an operation takes with everything around it. */
enum { ENOUGH_STACK = 4096 };

/* Returns true if this runs on an alternate stack with less than ENOUGH_STACK left. */
static bool is_stack_small(const ucontext_t *interrupted)
{
	const stack_t *stack = &interrupted->uc_stack;
	uintptr_t left = (uintptr_t)__builtin_frame_address(0) - (uintptr_t)stack->ss_sp;

	return left < stack->ss_size && left < ENOUGH_STACK;
}

static void run_handler(int sig, siginfo_t *info, void *context)
{
	handler_fn handler = interrupt_handler(sig);

	((action_handler *)(void (*)(void))handler)(sig, info, context);
}

static __attribute__((noinline)) void run_on_small_stack(int sig, siginfo_t *info, void *context,
							 const stack_t *stack)
{
	uintptr_t start = (uintptr_t)stack->ss_sp;
	bool entered = thread_enter_small_stack(&thread_self, start, start + stack->ss_size);

	run_handler(sig, info, context);
	if (entered)
		thread_leave_small_stack(&thread_self);
}

static inline void run_on_any_stack(int sig, siginfo_t *info, void *context,
				    const ucontext_t *interrupted)
{
	if (unlikely(is_stack_small(interrupted)) && !thread_is_vfork_child())
		run_on_small_stack(sig, info, context, &interrupted->uc_stack);
	else
		run_handler(sig, info, context);
}

/*
 * The code between the kernel and the program's handler has a section of its own, so that
 * is_in_delivery() can recognize its addresses.
 */
#define DELIVERY __attribute__((noinline, section("shim_delivery")))
extern const char __start_shim_delivery[] __attribute__((visibility("hidden")));
extern const char __stop_shim_delivery[] __attribute__((visibility("hidden")));

/* Returns true if uc is in that code: the signal has interrupted the delivery of another one. */
static bool is_in_delivery(const ucontext_t *uc)
{
#if defined(__x86_64__)
	uintptr_t at = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
	uintptr_t at = uc->uc_mcontext.pc;
#elif defined(__riscv)
	uintptr_t at = uc->uc_mcontext.__gregs[REG_PC];
#endif

	return at >= (uintptr_t)__start_shim_delivery && at < (uintptr_t)__stop_shim_delivery;
}

/*
 * If several signals arrive together, the one delivered first decides, as in the kernel. Its frame
 * interrupted the program's own call; the later frames interrupted another delivery. Once the
 * action is HANDLER_INTERRUPT, it stays.
 */
static void set_handler_action(struct operation *op, enum handler_action action,
			       const ucontext_t *interrupted)
{
	/* The kernel never restarts a call on a socket that has a timeout. */
	if (action == HANDLER_RESTART && op_has_timeout(op))
		action = HANDLER_INTERRUPT;
	if (op->status.handler_action != HANDLER_INTERRUPT && !is_in_delivery(interrupted))
		op->status.handler_action = action;
}

static void begin_interruption(struct thread *thread, struct interruption *aside, int sig,
			       const ucontext_t *interrupted)
{
	retract_or_end(thread, aside);
	if (!aside->ended)
		return;
	op_note_vain_wait(aside->op);
	set_handler_action(aside->op, interrupt_restarts(sig) ? HANDLER_RESTART : HANDLER_INTERRUPT,
			   interrupted);
	if (sig == SIGPIPE || sig == SIGXFSZ)
		aside->op->status.signalled = true;
}

static DELIVERY __attribute__((used)) void deliver_signal(int sig, siginfo_t *info, void *context,
							  const ucontext_t *interrupted)
{
	struct thread *thread = &thread_self;
	struct interruption aside;
	uint64_t mask;
	uint64_t call_began = call_clock.began;
	int saved = errno, cancel_type;

	thread->handlers++;
	call_clock.began = 0;
	if (likely(!thread->op && thread->position == POSITION_NONE) || thread->vfork_depth) {
		run_on_any_stack(sig, info, context, interrupted);
		call_clock.began = call_began;
		return;
	}
	sys_block_signals(&mask);
	begin_interruption(thread, &aside, sig, interrupted);
	cancel_type = cancellation_enter_handler(thread, aside.op);
	sys_restore_signals(&mask);
	errno = saved;
	run_on_any_stack(sig, info, context, interrupted);
	saved = errno;
	sys_block_signals(&mask);
	resume_operation(thread, &aside);
	cancellation_leave_handler(thread, aside.op, cancel_type);
	sys_restore_signals(&mask);
	call_clock.began = call_began;
	errno = saved;
}

/*
 * The kernel calls this function. On arm64 it passes info and context only to a handler with
 * SA_SIGINFO, but the frame that holds both is always at the stack pointer.
 */
#if defined(__aarch64__)
_Static_assert(sizeof(siginfo_t) == 128, "where the context is in the frame");
void interrupt_entry(int sig, siginfo_t *info, void *context) __attribute__((visibility("hidden")));
__asm__(".pushsection shim_delivery, \"ax\", %progbits\n"
	".balign 4\n"
	".hidden interrupt_entry\n"
	".globl interrupt_entry\n"
	".type interrupt_entry, %function\n"
	"interrupt_entry:\n"
	"	hint	#34\n" /* bti c */
	"	add	x3, sp, #128\n"
	"	b	deliver_signal\n"
	".size interrupt_entry, . - interrupt_entry\n"
	".popsection");
#else
static DELIVERY void interrupt_entry(int sig, siginfo_t *info, void *context)
{
	deliver_signal(sig, info, context, context);
}
#endif

/*
 * Handles the library's own signal: ends the operation in flight, and does nothing else. The
 * program received no signal, so its call continues, through the ring or directly.
 */
static DELIVERY void on_own_signal(int sig)
{
	struct thread *thread = &thread_self;
	struct interruption aside;
	int saved = errno;

	if (!thread->op || thread->vfork_depth)
		return;
	retract_or_end(thread, &aside);
	resume_operation(thread, &aside);
	errno = saved;
}

void interrupt_others(void)
{
	thread_signal_others(on_own_signal);
}

handler_fn interrupt_wrap(handler_fn handler)
{
	if (handler == SIG_DFL || handler == SIG_IGN || handler == SIG_ERR || handler == SIG_HOLD)
		return handler;
	return plain_handler(interrupt_entry);
}

bool interrupt_is_wrapper(handler_fn handler)
{
	return handler == plain_handler(interrupt_entry);
}
