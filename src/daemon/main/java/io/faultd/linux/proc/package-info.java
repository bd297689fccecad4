/** Processes: procfs, pidfds and signals. */
@NullMarked
package io.faultd.linux.proc;

import org.jspecify.annotations.NullMarked;
