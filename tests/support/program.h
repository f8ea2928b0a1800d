// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

namespace tidemark::test {

/// A program that ended: what a script would see of it.
struct Ran
{
    int exitCode = -1; ///< -1: a signal ended it
    QString out;
    QString err;
    [[nodiscard]] QJsonObject json() const;
};

struct RunOptions
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    QString outFile; ///< where stdout goes instead
    int timeoutMs = 60'000;
};

/// Runs it to its end, with nobody at its stdin; the test ends where it does not end in time.
[[nodiscard]] Ran runProgram(const QString &program, const QStringList &arguments, const RunOptions &options = {});

/// The built tidemarkctl.
[[nodiscard]] Ran runCtl(const QStringList &arguments, const RunOptions &options = {});

} // namespace tidemark::test
