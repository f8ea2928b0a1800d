// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command.h"

#include <QJsonDocument>

namespace tidemark::cli {

void Context::print(QJsonObject object) const
{
    object.insert(QStringLiteral("version"), 1);
    out << QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Indented));
    out.flush();
}

ExitCode Context::fail(const Error &error) const
{
    err << "tidemarkctl: " << error.summary() << Qt::endl;
    if (!error.detail.isEmpty())
        err << "  " << error.detail << Qt::endl;
    if (!error.hint.isEmpty())
        err << "  " << error.hint << Qt::endl;
    switch (error.kind) {
    case ErrorKind::Connection:
    case ErrorKind::Authentication:
        return ExitCode::NoConnection;
    case ErrorKind::Input:
        return ExitCode::Usage;
    case ErrorKind::Safety:
        return ExitCode::Refused;
    default:
        break;
    }
    const bool whileConnecting = error.poisonsSession;
    return whileConnecting ? ExitCode::NoConnection : ExitCode::Failed;
}

} // namespace tidemark::cli
