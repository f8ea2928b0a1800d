// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "ui/models/roles.h"

#include <QFrame>

class QLabel;
class QPushButton;
class QToolButton;

namespace tidemark::ui {

/// An error or a notice in the layout, next to what it concerns: what failed, the server's own words, the way out. Never
/// a box over the work. Hidden while there is nothing to say.
class MessageBar : public QFrame
{
    Q_OBJECT

public:
    explicit MessageBar(QWidget *parent = nullptr);
    void showError(const Error &error, Severity severity = Severity::Critical, const QString &action = {});
    void showMessage(Severity severity, const QString &message, const QString &detail = {}, const QString &action = {});
    void clear();
    [[nodiscard]] QString message() const;
    /// All of it as the Copy button copies it.
    [[nodiscard]] QString plainText() const { return m_plainText; }

Q_SIGNALS:
    void actionTriggered();

protected:
    void changeEvent(QEvent *event) override;

private:
    void present();

    Severity m_severity = Severity::Notice;
    QString m_plainText;
    QLabel *m_icon;
    QLabel *m_message;
    QLabel *m_detail;
    QPushButton *m_action;
    QToolButton *m_copy;
    QToolButton *m_close;
};

} // namespace tidemark::ui
