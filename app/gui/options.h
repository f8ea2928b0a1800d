// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "ui/services/theme.h"

#include <QSize>
#include <QStringList>

#include <optional>

class QCoreApplication;

namespace tidemark::gui {

/// What was asked for on the command line.
struct Options
{
    QStringList connections; ///< -d, each a URI, keywords or a database name
    QStringList profiles;    ///< --profile
    bool demo = false;
    std::optional<ui::ThemeChoice> theme;
    QString page;
    QString renderFolder; ///< not empty: draw every page into it and end
    QList<QSize> renderSizes;
    bool startupTrace = false;
};

/// Ends the process itself for --help and --version. An Input error says what is wrong.
[[nodiscard]] Result<Options> readOptions(const QCoreApplication &application);

} // namespace tidemark::gui
