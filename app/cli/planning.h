// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/changing.h"
#include "core/pg/session.h"

namespace tidemark::cli {

/// What the verbs that make plans have in common.

/// The JSON object in a file. Errors: Local, Input.
[[nodiscard]] Result<QJsonObject> readSpec(const QString &name);
/// To the file of --output, or to out. Error: Local.
[[nodiscard]] Status writePlan(const Context &context, const Plan &plan);
/// A session that can only read, with time for definitions and for a look at the content.
[[nodiscard]] Result<pg::Session> openForPlanning(const Context &context);
[[nodiscard]] pg::CallOptions planningCall();

/// "plan materialize VIEW…"
[[nodiscard]] Result<ExitCode> planMaterializeVerb(const Context &context);

} // namespace tidemark::cli
