// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/refresh/refreshadvice.h"

#include <QJsonArray>

namespace tidemark::cli {

namespace {

Result<std::vector<refresh::Advice>> adviceOf(const Context &context)
{
    refresh::AdviceOptions options;
    for (const QString &argument : context.arguments) {
        const auto name = pg::QualifiedName::parse(argument);
        if (!name)
            return fail(Error::input(QStringLiteral("'%1' is not a name").arg(argument)));
        options.names.push_back(*name);
    }
    options.checkKeys = !context.options.isSet(QStringLiteral("no-scan"));
    const auto timeout = units::parseDuration(context.options.value(QStringLiteral("scan-timeout")));
    if (!timeout || *timeout <= Millis(0))
        return fail(Error::input(QStringLiteral("--scan-timeout takes a duration, such as 10s")));
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    pg::SessionOptions session;
    session.applicationName = QStringLiteral("tidemarkctl");
    session.statementTimeout = *timeout;
    TIDEMARK_TRY(pg::Session opened, pg::Session::open(target.server, session));
    TIDEMARK_TRY(const auto facts, refresh::readAdviceFacts(opened, context.history.get(), options));
    std::vector<refresh::Advice> all;
    for (const refresh::AdviceFacts &view : facts) {
        for (refresh::Advice &advice : refresh::adviseOn(view))
            all.push_back(std::move(advice));
    }
    return all;
}

ExitCode advise(const Context &context)
{
    const auto all = adviceOf(context);
    if (!all)
        return context.fail(all.error());
    const ExitCode exitCode = !all->empty() && context.options.isSet(QStringLiteral("check")) ? ExitCode::Found
                                                                                              : ExitCode::Done;
    if (context.json) {
        QJsonArray rows;
        for (const refresh::Advice &advice : *all) {
            rows.append(
                QJsonObject{{QStringLiteral("schema"), advice.name.schema},
                            {QStringLiteral("name"), advice.name.name},
                            {QStringLiteral("kind"), refresh::toWord(advice.kind)},
                            {QStringLiteral("what"), advice.what},
                            {QStringLiteral("because"), advice.because},
                            {QStringLiteral("sql"), advice.sql.isEmpty() ? QJsonValue() : QJsonValue(advice.sql)}});
        }
        context.print({{QStringLiteral("advice"), rows}});
        return exitCode;
    }
    if (all->empty())
        context.err
            << "Nothing to advise by what is known. The history fills while tidemark or 'tidemarkctl watch' runs."
            << Qt::endl;
    for (const refresh::Advice &advice : *all) {
        context.out << printable(advice.name.display()) << ": " << printable(advice.what) << '\n'
                    << "    " << printable(advice.because) << '\n';
        if (!advice.sql.isEmpty())
            context.out << "    " << printable(advice.sql) << ";\n";
    }
    context.out.flush();
    return exitCode;
}

} // namespace

Verb adviceVerb()
{
    return {QStringLiteral("advice"),
            QStringLiteral("what the use of materialized views says about how they are refreshed"),
            QStringLiteral("[NAME…]"),
            {{QStringLiteral("no-scan"), QStringLiteral("Look for no unique columns: that reads the views.")},
             {QStringLiteral("scan-timeout"), QStringLiteral("Longest look at one of them (default 10s)."),
              QStringLiteral("DURATION"), QStringLiteral("10s")},
             {QStringLiteral("check"), QStringLiteral("Exit with 3 when there is advice.")},
             {QStringLiteral("database"), QStringLiteral("The database, where the profile has several."),
              QStringLiteral("NAME")}},
            advise,
            10'000};
}

} // namespace tidemark::cli
