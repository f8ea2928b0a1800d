// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/refreshoptions.h"

#include "core/base/units.h"

namespace tidemark::cli {

QList<QCommandLineOption> refreshOptions()
{
    const auto option = [](const char *name, const char *what, const char *value = "") {
        return QCommandLineOption(QString::fromLatin1(name), QString::fromLatin1(what), QString::fromLatin1(value));
    };
    return {
        option("all", "All that can be refreshed in the database."),
        option("cascade", "And all that shows what they hold, each once, after what it reads."),
        option("concurrently", "So that readers go on, or not at all."),
        option("plain", "So that readers wait until it is done."),
        option("accept-lock", "A plain refresh where a concurrent one is not possible."),
        option("lock-timeout", "Give up when locks are not had in that time (default 60s).", "DURATION"),
        option("statement-timeout", "Cancel a refresh that takes longer.", "DURATION"),
    };
}

Status readRefreshOptions(const Context &context, refresh::RefreshSpec &spec)
{
    spec.cascade = context.options.isSet(QStringLiteral("cascade"));
    const bool concurrently = context.options.isSet(QStringLiteral("concurrently"));
    const bool plain = context.options.isSet(QStringLiteral("plain"));
    if (concurrently && plain)
        return fail(Error::input(QStringLiteral("--concurrently and --plain at once")));
    spec.way = concurrently ? refresh::Way::Concurrently : plain ? refresh::Way::Plain : refresh::Way::Automatic;
    spec.acceptsLock = plain || context.options.isSet(QStringLiteral("accept-lock"));
    TIDEMARK_TRY(const auto lockTimeout, durationOption(context, "lock-timeout"));
    spec.lockPatience = lockTimeout.value_or(spec.lockPatience);
    TIDEMARK_TRY(spec.statementTimeout, durationOption(context, "statement-timeout"));
    return {};
}

Result<std::optional<Millis>> durationOption(const Context &context, const char *name)
{
    const QString option = QString::fromLatin1(name);
    if (!context.options.isSet(option))
        return std::nullopt;
    const QString text = context.options.value(option);
    const auto duration = units::parseDuration(text);
    if (!duration)
        return fail(Error::input(QStringLiteral("'%1' of --%2 is not a duration").arg(text, option),
                                 QStringLiteral("Write 500ms, 30s or 15min.")));
    return duration;
}

} // namespace tidemark::cli
