// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

namespace tidemark {

Q_LOGGING_CATEGORY(logPg, "tidemark.pg", QtWarningMsg)
Q_LOGGING_CATEGORY(logMonitor, "tidemark.monitor", QtWarningMsg)
Q_LOGGING_CATEGORY(logStore, "tidemark.store", QtWarningMsg)
Q_LOGGING_CATEGORY(logDemo, "tidemark.demo", QtWarningMsg)
Q_LOGGING_CATEGORY(logPlan, "tidemark.plan", QtWarningMsg)
Q_LOGGING_CATEGORY(logUi, "tidemark.ui", QtWarningMsg)

} // namespace tidemark
