// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLoggingCategory>

namespace tidemark {

// Switched with QT_LOGGING_RULES, for example "tidemark.pg.debug=true". No category ever prints a password or a row.
Q_DECLARE_LOGGING_CATEGORY(logPg)
Q_DECLARE_LOGGING_CATEGORY(logMonitor)
Q_DECLARE_LOGGING_CATEGORY(logStore)
Q_DECLARE_LOGGING_CATEGORY(logDemo)
Q_DECLARE_LOGGING_CATEGORY(logPlan)
Q_DECLARE_LOGGING_CATEGORY(logUi)

} // namespace tidemark
