/* SPDX-License-Identifier: MIT */
/*
 * vfork(). The child returns first, on the stack of its parent, and can overwrite everything
 * below its stack pointer, where the return address of vfork() was. So the address is kept in a
 * register.
 */
#if defined(__x86_64__)
	.text
	.globl	vfork
	.type	vfork, @function
	.globl	__vfork
	.type	__vfork, @function
vfork:
__vfork:
.Lagain:
	.cfi_startproc
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	vfork_begin
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	testq	%rax, %rax
	jnz	2f
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movl	$58, %eax
	syscall
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_restore %rip
	testq	%rax, %rax
	jz	1f
	movq	%rax, %rdi
	jns	vfork_end
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	call	vfork_can_retry
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	testb	%al, %al
	jz	vfork_end
	jmp	.Lagain
1:	ret
2:	jmp	*%rax
	.cfi_endproc
	.size	vfork, . - vfork
	.size	__vfork, . - __vfork
#elif defined(__aarch64__)
	.text
	.globl	vfork
	.type	vfork, %function
	.globl	__vfork
	.type	__vfork, %function
vfork:
__vfork:
.Lagain:
	.cfi_startproc
	stp	x29, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	bl	vfork_begin
	ldp	x29, x30, [sp], #16
	.cfi_adjust_cfa_offset -16
	cbnz	x0, 2f
	mov	x0, #0x4111		/* CLONE_VFORK | CLONE_VM | SIGCHLD */
	mov	x1, #0
	mov	x8, #220
	svc	#0
	cbz	x0, 1f
	tbz	x0, #63, 3f
	stp	x29, x30, [sp, #-32]!
	.cfi_adjust_cfa_offset 32
	str	x0, [sp, #16]
	bl	vfork_can_retry
	mov	w1, w0
	ldr	x0, [sp, #16]
	ldp	x29, x30, [sp], #32
	.cfi_adjust_cfa_offset -32
	tbnz	w1, #0, .Lagain
3:	b	vfork_end
1:	ret
2:	mov	x16, x0
	br	x16
	.cfi_endproc
	.size	vfork, . - vfork
	.size	__vfork, . - __vfork
#elif defined(__riscv)
	.text
	.globl	vfork
	.type	vfork, %function
	.globl	__vfork
	.type	__vfork, %function
vfork:
__vfork:
.Lagain:
	.cfi_startproc
	addi	sp, sp, -16
	.cfi_adjust_cfa_offset 16
	sd	ra, 8(sp)
	call	vfork_begin
	ld	ra, 8(sp)
	addi	sp, sp, 16
	.cfi_adjust_cfa_offset -16
	bnez	a0, 2f
	li	a0, 0x4111		/* CLONE_VFORK | CLONE_VM | SIGCHLD */
	li	a1, 0
	li	a7, 220
	ecall
	beqz	a0, 1f
	bgez	a0, 3f
	addi	sp, sp, -32
	.cfi_adjust_cfa_offset 32
	sd	ra, 24(sp)
	sd	a0, 16(sp)
	call	vfork_can_retry
	mv	a1, a0
	ld	a0, 16(sp)
	ld	ra, 24(sp)
	addi	sp, sp, 32
	.cfi_adjust_cfa_offset -32
	bnez	a1, .Lagain
3:	tail	vfork_end
1:	ret
2:	jr	a0
	.cfi_endproc
	.size	vfork, . - vfork
	.size	__vfork, . - __vfork
#endif
	.section .note.GNU-stack, "", %progbits
