// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

namespace tidemark::ui {

/// Draws an HTML text on pages of A4 with a number on each. Error: Local where the file cannot be written; it is then as it
/// was before.
[[nodiscard]] Status drawPdf(const QString &html, const QString &file);

} // namespace tidemark::ui
