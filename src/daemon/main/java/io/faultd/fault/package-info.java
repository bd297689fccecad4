/** The contract of a fault: what it is given, what it must announce, and what undoes it. */
@NullMarked
package io.faultd.fault;

import org.jspecify.annotations.NullMarked;
