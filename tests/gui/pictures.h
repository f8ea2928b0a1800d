// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/theme.h"

#include <QApplication>
#include <QDir>
#include <QTest>
#include <QWidget>

namespace tidemark::test {

[[nodiscard]] inline bool takesPictures()
{
    return qEnvironmentVariableIsSet("TIDEMARK_TEST_PICTURES");
}

/// The window as it is, in both themes and two sizes, into the folder that TIDEMARK_TEST_PICTURES names; nothing where it
/// names none.
inline void savePictures(QWidget &window, const QString &name)
{
    const QString folder = qEnvironmentVariable("TIDEMARK_TEST_PICTURES");
    if (folder.isEmpty() || !QDir().mkpath(folder))
        return;
    const QSize before = window.size();
    for (const QSize &size : {QSize(1280, 800), QSize(1920, 1080)}) {
        window.resize(size);
        for (const auto choice : {ui::ThemeChoice::Light, ui::ThemeChoice::Dark}) {
            const QString theme = choice == ui::ThemeChoice::Dark ? QStringLiteral("dark") : QStringLiteral("light");
            ui::applyTheme(*qApp, choice);
            QTest::qWait(300); // plots are drawn once the loop has turned
            window.grab().save(QStringLiteral("%1/%2-%3-%4.png").arg(folder, name, theme).arg(size.width()));
        }
    }
    ui::applyTheme(*qApp, ui::ThemeChoice::Light);
    window.resize(before);
}

} // namespace tidemark::test
