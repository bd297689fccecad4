/** Faults on processes: ended, stopped. */
@NullMarked
package io.faultd.os.process;

import org.jspecify.annotations.NullMarked;
