// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/refresh/refreshspec.h"

namespace tidemark::cli {

/// How things are refreshed, for the verbs that refresh now and those that make a schedule of it: --all, --cascade,
/// --concurrently, --plain, --accept-lock, --lock-timeout, --statement-timeout.
[[nodiscard]] QList<QCommandLineOption> refreshOptions();

/// Takes them up into the spec, but for --all, which belongs to the names. What is not given stays as it is there. Error:
/// Input.
[[nodiscard]] Status readRefreshOptions(const Context &context, refresh::RefreshSpec &spec);

/// An option's value such as "90s"; nothing where it is not given. Error: Input.
[[nodiscard]] Result<std::optional<Millis>> durationOption(const Context &context, const char *name);

} // namespace tidemark::cli
