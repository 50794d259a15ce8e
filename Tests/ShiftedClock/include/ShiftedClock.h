#ifndef SHIFTED_CLOCK_H
#define SHIFTED_CLOCK_H

/* Nothing is called by name: what stands here takes the place of libc's in a program that loads it before (LD_PRELOAD). */

#endif
