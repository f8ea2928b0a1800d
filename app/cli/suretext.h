// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshable.h"

namespace tidemark::cli {

/// How sure a refresh is, as the tables say it: "exact", "commit", "at least"; with a question mark where something else
/// could have left the same traces.
[[nodiscard]] inline QString sureText(Confidence confidence, bool probable)
{
    QString text = toWord(confidence).replace(QLatin1Char('_'), QLatin1Char(' '));
    const bool isBound = confidence == Confidence::AtLeast || confidence == Confidence::Unknown;
    return probable && !isBound ? text + QLatin1Char('?') : text;
}

} // namespace tidemark::cli
