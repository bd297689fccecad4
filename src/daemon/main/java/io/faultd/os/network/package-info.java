/** Faults on packets. */
@NullMarked
package io.faultd.os.network;

import org.jspecify.annotations.NullMarked;
