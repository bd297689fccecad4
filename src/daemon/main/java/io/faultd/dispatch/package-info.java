/** From scope, target, action and flags to the fault, its parameters and its place. */
@NullMarked
package io.faultd.dispatch;

import org.jspecify.annotations.NullMarked;
