// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/planning.h"

#include "core/base/printable.h"

#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>

namespace tidemark::cli {

namespace {

/// Planning only reads; definitions of what depends on the table may take a while.
constexpr Millis planningTakes{10 * 60 * 1000};

} // namespace

Result<QJsonObject> readSpec(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::local(QStringLiteral("%1: %2").arg(name, file.errorString())));
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &error);
    if (!document.isObject())
        return fail(Error::input(QStringLiteral("%1 holds no JSON object: %2").arg(name, error.errorString())));
    return document.object();
}

Status writePlan(const Context &context, const Plan &plan)
{
    const QByteArray json = QJsonDocument(plan.toJson()).toJson();
    const QString name = context.options.value(QStringLiteral("output"));
    if (name.isEmpty()) {
        context.out << (context.json ? printableJson(QString::fromUtf8(json)) : printable(plan.preview(), Lines::Kept))
                    << Qt::flush;
        return {};
    }
    QSaveFile file(name);
    if (!file.open(QIODevice::WriteOnly) || file.write(json) != json.size() || !file.commit())
        return fail(Error::local(QStringLiteral("%1: %2").arg(name, file.errorString())));
    if (!context.json)
        context.out << printable(plan.preview(), Lines::Kept) << Qt::flush;
    context.err << "The plan is in " << name << ". “tidemarkctl run " << name << "” runs it." << Qt::endl;
    return {};
}

Result<pg::Session> openForPlanning(const Context &context)
{
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemarkctl");
    options.lockTimeout = Millis(5'000);
    options.statementTimeout = planningTakes;
    return pg::Session::open(target.server, options);
}

pg::CallOptions planningCall()
{
    pg::CallOptions call;
    call.deadline = planningTakes;
    return call;
}

} // namespace tidemark::cli
