/** Rules, and the weaving of methods that they need; knows no library. */
@NullMarked
package io.faultd.agent.core;

import org.jspecify.annotations.NullMarked;
