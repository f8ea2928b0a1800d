// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"

#include <QJsonDocument>
#include <QProcess>

namespace tidemark::test {

QJsonObject Ran::json() const
{
    return QJsonDocument::fromJson(out.toUtf8()).object();
}

Ran runProgram(const QString &program, const QStringList &arguments, const RunOptions &options)
{
    QProcess process;
    process.setProcessEnvironment(options.environment);
    process.setStandardInputFile(QProcess::nullDevice());
    if (!options.outFile.isEmpty())
        process.setStandardOutputFile(options.outFile);
    process.start(program, arguments);
    if (!process.waitForFinished(options.timeoutMs))
        qFatal("%s did not end: %s", qUtf8Printable(program), qUtf8Printable(arguments.join(QLatin1Char(' '))));
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

Ran runCtl(const QStringList &arguments, const RunOptions &options)
{
    return runProgram(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"), arguments, options);
}

} // namespace tidemark::test
