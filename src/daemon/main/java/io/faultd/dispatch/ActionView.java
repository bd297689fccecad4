package io.faultd.dispatch;

import io.faultd.spec.ActionSpec;
import io.faultd.spec.FlagSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An action as clients see it.
 *
 * @param scope host or cri
 * @param spec the action
 * @param flags its own and the common ones
 * @param missing why it cannot be done here; absent: available
 * @param engine what does the work of an order that does not say what is to; absent: there is
 *     nothing to choose, or nothing that can
 * @param implemented whether this version has a fault for it
 */
public record ActionView(
    String scope,
    ActionSpec spec,
    List<FlagSpec> flags,
    @Nullable String missing,
    @Nullable String engine,
    boolean implemented) {}
