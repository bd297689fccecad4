/** Callbacks: tells the addresses that orders name what becomes of their experiments. */
@NullMarked
package io.faultd.callback;

import org.jspecify.annotations.NullMarked;
