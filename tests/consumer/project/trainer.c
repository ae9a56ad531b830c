#include <scopa/scopa.h>
#include <stdio.h>

int main(int argc, char** argv) {
  scopa_trial* trial = scopa_trial_current(argc, argv);
  const double rate = scopa_trial_param_double(trial, "lr", SCOPA_NUL, 0.1);
  const int64_t epochs = scopa_trial_param_int(trial, "epochs", SCOPA_NUL, 5);
  const char* optimizer = scopa_trial_param_text(trial, "optimizer", SCOPA_NUL, "sgd", NULL);
  scopa_metric* loss = scopa_trial_metric(trial, "loss", SCOPA_NUL);
  double x = 1.0;
  int64_t epoch = 0;
  for (; epoch < epochs && !scopa_trial_should_stop(trial); ++epoch) {
    x -= rate * 2 * x;
    scopa_metric_log(loss, epoch, x * x);
  }
  printf("%s %s lr=%g epochs=%d dropped=%d\n", scopa_trial_id(trial), optimizer, rate, (int)epoch,
         (int)scopa_trial_dropped(trial));
  scopa_trial_close(trial);
  return 0;
}
