// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command.h"

#include "core/base/printable.h"

#include <QJsonDocument>

namespace tidemark::cli {

namespace {

void write(QTextStream &out, QJsonObject object, QJsonDocument::JsonFormat format)
{
    object.insert(QStringLiteral("version"), 1);
    out << printableJson(QString::fromUtf8(QJsonDocument(object).toJson(format)));
}

} // namespace

void Context::print(QJsonObject object) const
{
    write(out, std::move(object), QJsonDocument::Indented);
    out.flush();
}

void Context::printLine(QJsonObject object) const
{
    write(out, std::move(object), QJsonDocument::Compact);
    out << Qt::endl;
}

ExitCode Context::fail(const Error &error) const
{
    err << "tidemarkctl: " << printable(error.summary(), Lines::Kept) << Qt::endl;
    if (!error.detail.isEmpty())
        err << "  " << printable(error.detail, Lines::Kept) << Qt::endl;
    if (!error.hint.isEmpty())
        err << "  " << printable(error.hint, Lines::Kept) << Qt::endl;
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
