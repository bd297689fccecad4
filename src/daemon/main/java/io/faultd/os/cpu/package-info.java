/** Faults on processor time. */
@NullMarked
package io.faultd.os.cpu;

import org.jspecify.annotations.NullMarked;
