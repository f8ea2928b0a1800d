// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/ddl/rebind.h"
#include "core/plan/step.h"

namespace tidemark::ddl {

/// Steps that plans of several kinds have in common.

[[nodiscard]] Step sqlStep(const char *name, const QString &title, const QStringList &statements,
                           const QStringList &undo = {});
[[nodiscard]] Step actionStep(const char *name, const char *action, const QString &title,
                              const QJsonObject &parameters);

/// Materialized views are made anew once the names that they read have changed hands.
void addViewRebuilds(std::vector<Step> &steps, const std::vector<ViewRebuild> &rebuilds);
/// What brings the old ones up to date on the way back; each outside a transaction.
[[nodiscard]] QStringList refreshesBack(const std::vector<ViewRebuild> &rebuilds);

} // namespace tidemark::ddl
