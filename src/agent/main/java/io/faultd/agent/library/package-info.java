/** The libraries that a rule can be about. */
@NullMarked
package io.faultd.agent.library;

import org.jspecify.annotations.NullMarked;
