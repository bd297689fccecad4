/** Packets that the kernel hands to this program: received, held, let go or sent again. */
@NullMarked
package io.faultd.linux.nfqueue;

import org.jspecify.annotations.NullMarked;
