// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/refresh/refreshplan.h"

#include <QString>

namespace tidemark::ui {

/// What the refresh wizard has been told so far, and what was planned of it. GUI thread only.
struct RefreshDraft
{
    QString server;
    QString database;
    refresh::RefreshSpec spec;
    bool hasAggregates = false;               ///< among what was chosen, or what reads it
    std::optional<refresh::RefreshPlan> plan; ///< of exactly this spec; nothing until Checks made it
};

} // namespace tidemark::ui
