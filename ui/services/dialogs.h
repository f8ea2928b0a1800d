// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"

#include <QString>

#include <functional>
#include <memory>
#include <optional>

class QWidget;

namespace tidemark::ui {

/// A change about to be made, as its confirmation shows it.
struct ConfirmRequest
{
    QString title;     ///< "Terminate backend 4711?"
    QString text;      ///< what will happen and what cannot be undone
    QString statement; ///< the exact SQL
    QString verb;      ///< the button: "Terminate 4711"
    QString server;
    Environment environment = Environment::Development;
    QString typedName; ///< has to be typed where it is not empty: production and no undo
};

/// Every question and file dialog goes through here, so that tests answer them and no page opens windows of its own.
/// Answers arrive by callback: no nested event loops.
class Dialogs
{
public:
    virtual ~Dialogs() = default;
    virtual void confirm(QWidget *parent, const ConfirmRequest &request, std::function<void(bool)> answered) = 0;
    virtual void saveFile(QWidget *parent, const QString &title, const QString &proposedName,
                          const QStringList &filters, std::function<void(const QString &path)> chosen) = 0;
    virtual void askPassword(QWidget *parent, const QString &server,
                             std::function<void(std::optional<QString>)> answered) = 0;
    virtual void inform(QWidget *parent, const QString &title, const QString &text) = 0;
};

/// The real ones, window-modal.
[[nodiscard]] std::unique_ptr<Dialogs> desktopDialogs();

} // namespace tidemark::ui
