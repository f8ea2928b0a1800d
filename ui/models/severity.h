// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"
#include "ui/models/roles.h"

namespace tidemark::ui {

[[nodiscard]] Severity severityOf(FreshnessStatus status);
/// Waiting: notice from the start, warning after five seconds, critical after a minute.
[[nodiscard]] Severity severityOfWait(Millis waited);

/// The louder of two, for badges and roll-ups: critical, warning, unknown, notice, ok.
[[nodiscard]] Severity worse(Severity a, Severity b);

/// For people, translated.
[[nodiscard]] QString severityText(Severity severity);
[[nodiscard]] QString statusText(FreshnessStatus status);
[[nodiscard]] QString kindText(RefreshableKind kind);
[[nodiscard]] QString confidenceText(Confidence confidence);
[[nodiscard]] QString sourceText(RefreshSource source);

} // namespace tidemark::ui
