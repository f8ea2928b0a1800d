// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/gui/livepaint.h"
#include "app/gui/options.h"
#include "app/gui/pagerenderer.h"
#include "app/gui/startuptrace.h"

#include <QApplication>
#include <QLocale>
#include <QTextStream>
#include <QTimer>
#include <QTranslator>

#include <algorithm>
#include <csignal>
#include <cstring>

using namespace tidemark;

namespace {

enum ExitCode { Done = 0, Failed = 1, Usage = 2 };

int complain(const Error &error, ExitCode code)
{
    QTextStream err(stderr);
    err << "tidemark: " << error.summary() << Qt::endl;
    if (!error.hint.isEmpty())
        err << error.hint << Qt::endl;
    return code;
}

bool asksFor(int argc, char **argv, const char *option)
{
    return std::any_of(argv + 1, argv + argc,
                       [option](const char *given) { return std::strncmp(given, option, std::strlen(option)) == 0; });
}

} // namespace

int main(int argc, char **argv)
{
    gui::StartupTrace trace(asksFor(argc, argv, "--startup-trace"));
    // Drawing to files needs no display, and the platform is chosen before any option is read.
    if (asksFor(argc, argv, "--render") && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    // A history file that has reached its limit of size is an error of the write, not the end without a word.
    std::signal(SIGXFSZ, SIG_IGN);
    QApplication qt(argc, argv);
    QApplication::setApplicationName(QStringLiteral("tidemark"));
    QApplication::setApplicationDisplayName(QStringLiteral("Tidemark"));
    QApplication::setApplicationVersion(QStringLiteral(TIDEMARK_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("tidemark"));

    QTranslator translator;
    const QString folder = QStringLiteral(":/translations");
    if (translator.load(QLocale(), QStringLiteral("tidemark"), QStringLiteral("_"), folder)
        || translator.load(QStringLiteral("tidemark_en"), folder))
        QApplication::installTranslator(&translator);

    const auto options = gui::readOptions(qt);
    if (!options)
        return complain(options.error(), Usage);
    trace.reached(QStringLiteral("options read"));
    gui::Application application(*options, trace);
    const gui::LivePaint livePaint(application.window());
    QObject::connect(&livePaint, &gui::LivePaint::painted, &livePaint,
                     [&trace]() { trace.reached(QStringLiteral("first live page painted")); });
    if (const Status started = application.start(); !started)
        return complain(started.error(), started.error().kind == ErrorKind::Input ? Usage : Failed);

    if (!options->renderFolder.isEmpty()) {
        auto *renderer = new gui::PageRenderer(application.window(), options->renderFolder, options->renderSizes,
                                               &application);
        QObject::connect(renderer, &gui::PageRenderer::finished, &application, [](const QString &error) {
            if (!error.isEmpty())
                QTextStream(stderr) << "tidemark: " << error << Qt::endl;
            QApplication::exit(error.isEmpty() ? Done : Failed);
        });
        QTimer::singleShot(0, renderer, &gui::PageRenderer::start); // what fails at once ends the loop, once it runs
    }
    return QApplication::exec();
}
