/** The agent's life: from the attach to the end of the conversation with the daemon. */
@NullMarked
package io.faultd.agent.session;

import org.jspecify.annotations.NullMarked;
