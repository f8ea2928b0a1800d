// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/options.h"

#include <QCommandLineParser>
#include <QCoreApplication>

namespace tidemark::gui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::gui::Options)
};

Result<QSize> sizeOf(const QString &text)
{
    const QStringList parts = text.split(QLatin1Char('x'));
    const QSize size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
    if (size.width() < 640 || size.height() < 400)
        return fail(Error::input(Words::tr("--size %1 is not a size").arg(text),
                                 Words::tr("Give width and height, for example 1280x800.")));
    return size;
}

} // namespace

Result<Options> readOptions(const QCoreApplication &application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        Words::tr("Freshness, partitions, refresh history and locks of PostgreSQL servers."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption connection(
        {QStringLiteral("d"), QStringLiteral("dbname")},
        Words::tr("Watch this server: a URI, keywords or a database name, as psql takes it."), Words::tr("connection"));
    const QCommandLineOption profile(QStringLiteral("profile"), Words::tr("Watch the server of this profile."),
                                     Words::tr("name"));
    const QCommandLineOption demo(QStringLiteral("demo"),
                                  Words::tr("Watch the demo servers (start them with: tidemarkctl demo up)."));
    const QCommandLineOption theme(QStringLiteral("theme"), Words::tr("light, dark or system."), Words::tr("theme"));
    const QCommandLineOption page(
        QStringLiteral("page"),
        Words::tr("Open this page: overview, freshness, partitions, history, locks, runs, stage or backfill."),
        Words::tr("page"));
    const QCommandLineOption render(
        QStringLiteral("render"),
        Words::tr("Draw every page to PNG files in this folder, in both themes, and end. Needs no display."),
        Words::tr("folder"));
    const QCommandLineOption size(QStringLiteral("size"),
                                  Words::tr("Size to draw in, for example 1280x800; may be given more than once."),
                                  Words::tr("size"));
    const QCommandLineOption trace(QStringLiteral("startup-trace"),
                                   Words::tr("Tell on stderr how long starting took."));
    parser.addOptions({connection, profile, demo, theme, page, render, size, trace});
    parser.process(application);

    if (!parser.positionalArguments().isEmpty())
        return fail(Error::input(Words::tr("unexpected argument %1").arg(parser.positionalArguments().first()),
                                 Words::tr("See tidemark --help.")));
    Options options;
    options.connections = parser.values(connection);
    options.profiles = parser.values(profile);
    options.demo = parser.isSet(demo);
    options.page = parser.value(page);
    options.renderFolder = parser.value(render);
    options.startupTrace = parser.isSet(trace);
    for (const QString &text : parser.values(size)) {
        TIDEMARK_TRY(const QSize one, sizeOf(text));
        options.renderSizes << one;
    }
    if (options.renderSizes.isEmpty())
        options.renderSizes = {QSize(1280, 800), QSize(1920, 1080)};
    if (parser.isSet(theme)) {
        const QString word = parser.value(theme);
        if (word == QLatin1String("light"))
            options.theme = ui::ThemeChoice::Light;
        else if (word == QLatin1String("dark"))
            options.theme = ui::ThemeChoice::Dark;
        else if (word == QLatin1String("system"))
            options.theme = ui::ThemeChoice::System;
        else
            return fail(
                Error::input(Words::tr("--theme %1 is not known").arg(word), Words::tr("Give light, dark or system.")));
    }
    return options;
}

} // namespace tidemark::gui
